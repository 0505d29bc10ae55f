-- trusted = false: logs are read and repros are written, and nothing of the workspace is run.
local d = dofile(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/driver.lua')

d.main(function()
  vim.g.reprolens = vim.tbl_extend('force', vim.g.reprolens, { trusted = false })
  require('reprolens').setup()
  local ran = d.workspace .. '/ran'
  d.write(d.workspace .. '/conftest.py', ('open("%s", "w")\n'):format(ran) .. d.read(d.workspace .. '/conftest.py'))

  local log = d.edit(d.log)
  d.run_lens(d.wait_lens(log, 'Generate minimal repro'))
  local test = d.wait_repro_shown()
  d.wait_lens(test, 'Verify (never run)')
  vim.cmd('Reprolens verify')
  d.wait('the refusal', function() return d.messages():find('not trusted', 1, true) end)
  vim.cmd('Reprolens minimize')
  vim.cmd('Reprolens run')
  -- An answer that comes after theirs: by then they would have started.
  vim.cmd.buffer(log)
  vim.cmd('Reprolens failures')
  d.wait('the quickfix list', function() return #vim.fn.getqflist() == 2 end)
  d.equal(0, vim.fn.filereadable(ran), 'conftest.py was run')
  d.equal(0, vim.fn.filereadable(d.repro() .. '/logs/reproduction.log'), 'a reproduction.log is there')
end)
