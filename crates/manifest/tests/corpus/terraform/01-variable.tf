variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "app_version" {
  description = "Version of the application being deployed"
  type        = string
  default     = "1.0.0"
}
