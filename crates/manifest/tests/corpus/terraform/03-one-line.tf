variable "app_version" { default = "1.0.0" }
