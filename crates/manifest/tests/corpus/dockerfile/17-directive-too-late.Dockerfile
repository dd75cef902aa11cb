# what this is

# escape=`
FROM alpine
LABEL a=1 \
  version=1.4.2
