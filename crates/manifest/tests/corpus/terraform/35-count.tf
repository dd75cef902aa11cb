locals {
  version     = "1.0.0"
  app_version = "1.0.0"
}
