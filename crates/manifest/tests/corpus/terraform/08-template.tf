locals {
  app_version = "1.0.0"
  version     = "${local.app_version}"
}
