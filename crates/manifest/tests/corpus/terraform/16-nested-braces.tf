locals {
  a       = "${jsonencode({ version = "9.9.9", x = "}" })}"
  b       = "%{ if true }version = 1%{ endif }"
  c       = "$${version} %%{x} \" version = \"9.9.9\""
  version = "1.0.0"
}
