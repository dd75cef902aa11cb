locals {
  names   = { for k, v in var.all : k => v if v != "" }
  list    = [for s in var.all : upper(s)]
  version = var.release ? "1.0.0" : "9.9.9"
}
