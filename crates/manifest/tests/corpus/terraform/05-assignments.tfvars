region      = "eu-west-1"
app_version = "1.0.0"
replicas    = 3
