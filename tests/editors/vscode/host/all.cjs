// Runs inside the extension host: the real `vscode` API, no mouse, no keyboard. The tests go on from each other.
const tests = { ...require('./log.cjs'), ...require('./repro.cjs'), ...require('./large.cjs') };

exports.run = async () => {
  for (const [name, test] of Object.entries(tests)) {
    const start = Date.now();
    try {
      await test();
      console.log(`[test] ok: ${name} (${Date.now() - start} ms)`);
    } catch (error) {
      console.log(`[test] FAILED: ${name}\n${error.stack}`);
      throw error;
    }
  }
  console.log(`[test] ${Object.keys(tests).length} passed`);
};
