FROM alpine
LABEL maintainer="team" \
# version="0.0.1" \
      # and a version
      version="1.4.2" \

      stage="last"
