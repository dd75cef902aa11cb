variable "app_version" {
  type    = string
  default = "latest"
}
