FROM scratch
LABEL "org.opencontainers.image.version"="1.4.2" "com.example.vendor"="acme"
