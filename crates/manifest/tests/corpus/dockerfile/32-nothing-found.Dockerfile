FROM alpine
LABEL versions="1.4.2"
