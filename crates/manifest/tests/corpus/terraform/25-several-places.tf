variable "app_version" {
  default = "1.0.0"
}
locals {
  api = { version = "1.0.0" }
  web = { version = "2.0.0" }
}
