# Janus as Debian packages it: the version that the conference design was tried with.
FROM debian:12-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends janus \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --no-create-home janus-gateway \
  && mkdir -p /var/lib/janus && chown janus-gateway /var/lib/janus
VOLUME /var/lib/janus
USER janus-gateway
# Refuses to run without a secret: whoever may speak to Janus may open and join any room.
CMD ["sh", "-c", "exec janus --apisecret=\"${JANUS_API_SECRET:?}\""]
