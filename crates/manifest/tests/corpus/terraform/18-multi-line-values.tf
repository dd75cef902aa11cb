locals {
  zones = [
    "a",
    "b", # }
  ]
  tags = merge(
    { version = "9.9.9" },
    var.tags,
  )
  app_version = "1.0.0"
}
