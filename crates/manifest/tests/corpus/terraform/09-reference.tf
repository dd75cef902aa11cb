locals {
  version     = var.release
  app_version = trimspace(file("${path.module}/VERSION"))
}
