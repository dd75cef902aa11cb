plugins { id("x") version "9.9.9" }
version = "1.2.3"
