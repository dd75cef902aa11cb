variable "app_version" {
  type = string
}
