locals {
  image = {
    repository = "registry.example/api"
    tag        = "1.0.0"
  }
  tag = "9.9.9"
}
