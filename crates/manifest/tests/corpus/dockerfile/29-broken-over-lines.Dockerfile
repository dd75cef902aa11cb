FROM alpine
LABEL version=1.4.\
2
