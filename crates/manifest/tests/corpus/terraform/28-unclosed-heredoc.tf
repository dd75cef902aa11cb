locals {
  a = <<EOT
  version = "1.0.0"
}
