-- From the lens over a failure to a repro that is verified, mended, fixed and cancelled.
local d = dofile(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/driver.lua')

local BUG = 'cores = min(width, input.device.grid[0])'

local function delete_line(buffer, text)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
    if line:find(text, 1, true) then return vim.api.nvim_buf_set_lines(buffer, number - 1, number, false, {}) end
  end
  error('no line holds ' .. text)
end

d.main(function()
  local progress = {}
  vim.api.nvim_create_autocmd('LspProgress', {
    callback = function(event) progress[#progress + 1] = event.data.params.value.kind end,
  })

  -- The lens over a failure: the folder is there, its test is shown, and it was run.
  local log = d.edit(d.log)
  d.equal(nil, d.repro(), 'repros before')
  d.run_lens(d.wait_lens(log, 'Generate minimal repro'))
  d.wait('progress on the message line', function() return d.screen():find('Generating a repro of', 1, true) end)
  local test = d.wait_repro_shown()
  d.equal(d.repro_test(), vim.api.nvim_buf_get_name(0), 'what is shown')
  for _, name in ipairs({ 'run_test.sh', 'README.md', 'logs/ci.log', 'logs/reproduction.log' }) do
    d.equal(1, vim.fn.filereadable(d.repro() .. '/' .. name), name)
  end
  d.wait_lens(test, 'Verify (fails like CI)')
  d.wait('the end of the progress', function() return progress[1] == 'begin' and progress[#progress] == 'end' end)

  -- ENV001 and its quick fix.
  local script = d.edit(d.repro() .. '/run_test.sh')
  d.wait_lens(script, 'Verify (fails like CI)')
  delete_line(script, 'export ARCH_NAME=')
  local missing = d.wait_diagnostic(script, 'ENV001')
  vim.api.nvim_win_set_cursor(0, { missing.lnum + 1, missing.col })
  vim.lsp.buf.code_action({ apply = true, filter = function(action) return action.title:find('ARCH_NAME', 1, true) end })
  d.wait('the export', function() return d.text(script):find('\nexport ARCH_NAME="?blackhole') end)
  d.without_diagnostic(script, 'ENV001')

  -- Several findings, mended at once.
  delete_line(script, '#!/usr/bin/env bash')
  delete_line(script, 'export ARCH_NAME=')
  d.wait_diagnostic(script, 'ENV001')
  d.wait_diagnostic(script, 'RUN003')
  vim.cmd('Reprolens fix')
  d.without_diagnostic(script, 'RUN003')
  d.without_diagnostic(script, 'ENV001')
  vim.cmd.write()

  -- The bug is fixed, and comes back.
  local source = d.workspace .. '/minitensor/operations.py'
  local buggy = d.read(source)
  local at, to = buggy:find(BUG, 1, true)
  vim.cmd.buffer(test)
  d.write(source, buggy:sub(1, at - 1) .. 'cores = 1' .. buggy:sub(to + 1))
  vim.cmd('Reprolens verify')
  d.wait_lens(test, 'Verify (passed)')
  d.write(source, buggy)
  d.run_lens(d.wait_lens(test, 'Verify (passed)'))
  d.wait_lens(test, 'Verify (fails like CI)')

  -- :Reprolens run shows the output.
  vim.cmd('Reprolens run')
  d.wait('the output', function() return vim.api.nvim_buf_get_name(0):find('logs/reproduction.log', 1, true) end)

  -- A running job is cancelled: its processes end, and the server goes on.
  local path, note = d.repro_test(), d.workspace .. '/pid'
  local text = d.read(path)
  d.write(path, ('import os, time\nopen("%s", "w").write(str(os.getpid()))\ntime.sleep(300)\n'):format(note))
  vim.cmd('Reprolens verify ' .. vim.fn.fnameescape(d.repro()))
  local pid = d.wait('the test to run', function()
    local noted = vim.fn.filereadable(note) == 1 and vim.fn.readfile(note)[1]
    return noted and noted ~= '' and noted
  end)
  d.equal(true, d.lives(pid), 'the test runs')
  vim.cmd('Reprolens cancel')
  d.wait('the test to be ended', function() return not d.lives(pid) end)
  d.wait('the message', function() return d.messages():find('cancelled', 1, true) end)
  d.write(path, text)
  vim.cmd.buffer(test)
  vim.cmd('edit!')
  vim.cmd('Reprolens verify')
  d.wait_lens(test, 'Verify (fails like CI)')
end)
