# version = "9.9.9"
// version = "9.9.9"
/* locals {
  version = "9.9.9"
} */
locals {
  version = "1.0.0" # of today
  other   = "x"     // version = "9.9.9"
  more    = /* version = */ "9.9.9"
}
