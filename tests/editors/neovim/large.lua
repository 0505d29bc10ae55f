-- A log of 60 MB, named and never opened: failures and a verified repro, with no server running before.
local d = dofile(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/driver.lua')

local FILLER = '2026-11-20T08:13:00.0000000Z some output of a build that nobody reads, line after line\n'

d.main(function()
  vim.cmd.cd(d.workspace)
  local text = d.read(d.log)
  local at = text:find('[^\n]*##%[group%]Run source')
  d.write('logs/big.log', text:sub(1, at - 1) .. FILLER:rep(math.ceil(60 * 1024 * 1024 / #FILLER)) .. text:sub(at))
  d.equal(true, vim.uv.fs_stat('logs/big.log').size > 60 * 1024 * 1024, 'size')

  vim.cmd('Reprolens failures logs/big.log')
  d.wait('the failures', function() return #vim.fn.getqflist() == 2 end, 30000)
  d.equal(true, vim.fn.getqflist()[1].lnum > 500000, 'the line of the first failure')
  vim.cmd.cclose()

  vim.cmd('Reprolens generate logs/big.log')
  local test = d.wait_repro_shown()
  -- A debug build takes five seconds for each reading of the log.
  d.wait_lens(test, 'Verify (fails like CI)', 60000)
  d.equal(true, d.read(d.repro() .. '/logs/reproduction.log'):find('Result: FAILED', 1, true) ~= nil, 'it was run')
end)
