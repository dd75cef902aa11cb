locals {
  script = <<-EOT
    version = "9.9.9"
    echo "${local.version}"
  EOT
  version = "1.0.0"
}
