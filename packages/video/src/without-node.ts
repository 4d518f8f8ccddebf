// The target of every `#node/…` import outside Node: bundles for browsers contain no `node:` modules.
throw new Error('@od-vae/video: reading and writing files needs Node, but this build is for browsers.');
