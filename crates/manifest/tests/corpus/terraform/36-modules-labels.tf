variable "app_version_suffix" {
  default = "9.9.9"
}
output "app_version" {
  value = "9.9.9"
}
resource "x" "version" {
  version = "9.9.9"
}
variable "app_version" {
  default = "1.0.0"
}
