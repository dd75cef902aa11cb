terraform {
  required_version = ">= 1.5.0"
  required_providers {
    aws = {
      source  = "registry.example/aws"
      version = "~> 5.0"
    }
  }
}

module "network" {
  source  = "registry.example/network/aws"
  version = "5.1.2"
}

variable "version" {
  default = "1.0.0"
}
