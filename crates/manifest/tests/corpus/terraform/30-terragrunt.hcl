include "root" {
  path = find_in_parent_folders()
}
terraform {
  source = "../modules/app?ref=v9.9.9"
}
inputs = {
  app_version = "1.0.0"
}
