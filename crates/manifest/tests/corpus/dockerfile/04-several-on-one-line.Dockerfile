FROM scratch
LABEL maintainer="team" version="2.0.0" description="all in one"
