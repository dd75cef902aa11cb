locals {
  version = "1.0.0
  other   = "x"
}
