locals {
  größe   = "日本"
  version = "1.0.0" # ✓
}
