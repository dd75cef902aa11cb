FROM python:3.12-slim
LABEL maintainer="dev@example.com"
LABEL version="1.0"
LABEL description="an application"
