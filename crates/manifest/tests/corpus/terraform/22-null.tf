variable "app_version" {
  default  = null
  nullable = true
}
