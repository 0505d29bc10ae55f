-- A server that is not there: it is said once over a log, for every command, and never over other files.
local d = dofile(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/driver.lua')

d.main(function()
  vim.g.reprolens = { cmd = { '/nowhere/reprolens', 'server' } }
  require('reprolens').setup()
  local function told()
    local _, times = d.messages():gsub('/nowhere/reprolens is not found; see :checkhealth reprolens', '')
    return times
  end
  vim.cmd.edit(d.workspace .. '/conftest.py')
  d.equal(0, told(), 'messages over Python')
  vim.cmd.edit(d.log)
  d.wait('the message', function() return told() == 1 end)
  vim.cmd.edit(d.workspace .. '/logs/other.log')
  d.equal(1, told(), 'messages over another log')
  local _, problem = pcall(vim.cmd, 'Reprolens failures ' .. vim.fn.fnameescape(d.log))
  d.equal(true, problem:find('/nowhere/reprolens is not found', 1, true) ~= nil, problem)
  vim.cmd('checkhealth reprolens')
  d.equal(true, d.text(0):find('/nowhere/reprolens is not found', 1, true) ~= nil, d.text(0))
end)
