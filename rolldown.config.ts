// Bundles the program: one small door, everything else in pieces that load when they are needed.
import {defineConfig} from 'rolldown';

export default defineConfig({
  input: {ftsbuild: 'src/cli.ts'},
  platform: 'node',
  // What is loaded lazily and is large, or finds files beside itself, stays in node_modules.
  external: ['@dagrejs/dagre', 'echarts', 'handlebars', 'systeminformation', 'chokidar', /^node:/],
  output: {dir: 'dist', format: 'esm', chunkFileNames: 'pieces/[name]-[hash].js', minify: false, sourcemap: false, cleanDir: true},
});
