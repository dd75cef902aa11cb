packer {
  required_plugins {
    docker = {
      version = ">= 1.0.0"
      source  = "registry.example/docker"
    }
  }
}
variable "app_version" {
  type    = string
  default = "1.0.0"
}
