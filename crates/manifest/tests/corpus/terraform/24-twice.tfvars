app_version = "1.0.0"
region      = "x"
app_version = "1.0.1"
