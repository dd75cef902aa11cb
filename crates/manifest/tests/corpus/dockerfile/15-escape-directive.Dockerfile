# escape=`

FROM alpine
LABEL path="c:\" `
      version="1.4.2" `
      last="yes"
