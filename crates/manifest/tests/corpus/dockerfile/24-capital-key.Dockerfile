FROM alpine
LABEL Name="db" Version="1.4.2"
