locals {
  name    = "api"
  version = "1.0.0"
}
