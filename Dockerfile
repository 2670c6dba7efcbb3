# One image for the server and the DICOM bridge. Node runs the TypeScript sources as they are, so nothing is built;
# it strips types only outside node_modules, which is why the workspaces stay links.
FROM node:24-slim

ENV NODE_ENV=production
WORKDIR /opt/maxray

# The manifests first: the layer with the packages is made anew only when they change.
COPY package.json package-lock.json .npmrc ./
COPY server/package.json server/
COPY fhir-profiles/package.json fhir-profiles/
COPY bots/package.json bots/
COPY dicom-bridge/package.json dicom-bridge/
COPY seed/package.json seed/
COPY bench/package.json bench/
COPY console/package.json console/
# No install scripts: Node is in the base image, and the embedded PostgreSQL repairs its links when it starts.
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

COPY . .

# The pages, which the server would otherwise bundle when somebody first asks, and could not: this folder is not its own.
RUN npm run build --workspace console

# The embedded database (where DATABASE_URL is not set), files and keys.
RUN mkdir -p /var/lib/maxray && chown node:node /var/lib/maxray
ENV MAXRAY_DATA_DIR=/var/lib/maxray
VOLUME /var/lib/maxray
USER node

# The server listens on loopback unless HOST and an https PUBLIC_URL are set: run with host networking to reach it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "deploy/healthcheck.mjs"]

CMD ["node", "--max-old-space-size=2000", "--max-semi-space-size=64", "--no-allocation-site-pretenuring", "server/src/main.ts"]
