FROM alpine
# LABEL version="9.9.9"
LABEL version="1.4.2"
