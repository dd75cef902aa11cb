resource "local_file" "notes" {
  content = <<EOF
app_version = "9.9.9"
not EOF
EOF
}
locals { app_version = "1.0.0" }
