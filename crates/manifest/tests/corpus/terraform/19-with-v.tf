variable "app_version" {
  default = "v1.0.0"
}
