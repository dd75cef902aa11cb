variable "image" {
  type = object({ repository = string, tag = string })
  default = {
    repository = "registry.example/api", tag = "1.0.0"
  }
}
