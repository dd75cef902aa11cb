versions = {
  "api" : "1.0.0"
  "web" : "2.0.0",
}
