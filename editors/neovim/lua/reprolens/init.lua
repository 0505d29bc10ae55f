-- The client side of reprolens: starts the server, shows what it answers.
local compat = require('reprolens.compat')
local config = require('reprolens.config')

local M = {}

local MISSING = 'reprolens: %s is not found; see :checkhealth reprolens'

function M.setup(options)
  if options then
    config.set(options)
  end
  vim.api.nvim_create_autocmd('LspAttach', {
    group = vim.api.nvim_create_augroup('reprolens_attach', {}),
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if client and client.name == 'reprolens' and config.get().codelens then
        compat.show_lenses(event.buf)
      end
    end,
  })
  if config.get().progress then
    require('reprolens.progress').show()
  end
  -- A lens or an action runs its command through the client; pages come as the answer.
  for _, name in ipairs({ 'showEnvironment', 'showLog', 'showRule' }) do
    vim.lsp.commands['reprolens.' .. name] = function(command)
      M.execute(command.command, command.arguments)
    end
  end
  -- Only over a log: a person who writes Python that has nothing to do with CI needs no word about it.
  vim.api.nvim_create_autocmd('FileType', {
    group = vim.api.nvim_create_augroup('reprolens_missing', {}),
    pattern = 'log',
    callback = function()
      if not config.is_there() then
        vim.notify_once(MISSING:format(config.get().cmd[1]), vim.log.levels.WARN)
      end
    end,
  })
  compat.start(config.client())
end

--- Runs a command of the server; done(answer) when it worked.
function M.execute(name, arguments, done)
  local function request(client)
    compat.request(client, 'workspace/executeCommand', { command = name, arguments = arguments }, function(error, answer)
      if error then
        vim.notify('reprolens: ' .. error.message, vim.log.levels.ERROR)
      elseif done then
        done(answer)
      elseif compat.present(answer) and answer.markdown then
        M.page(answer.page, answer.markdown)
      end
    end)
  end
  local client = compat.client(0)
  if client then
    request(client)
  elseif not config.is_there() then
    vim.notify(MISSING:format(config.get().cmd[1]), vim.log.levels.ERROR)
  elseif not compat.detached(config.client(), request) then
    vim.notify('reprolens: the server does not start; see :checkhealth reprolens', vim.log.levels.ERROR)
  end
end

--- A page of Markdown in a split of its own.
function M.page(name, markdown)
  vim.cmd.new()
  local buffer = vim.api.nvim_get_current_buf()
  vim.bo[buffer].buftype = 'nofile'
  vim.bo[buffer].bufhidden = 'wipe'
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(markdown, '\n'))
  pcall(vim.api.nvim_buf_set_name, buffer, 'reprolens://' .. name)
  vim.bo[buffer].filetype = 'markdown'
  vim.bo[buffer].modifiable = false
end

--- The file that a command is about: the one that its first word names, else the buffer's. A file that is too large to be
--- opened can so be named.
local function target(words)
  if words[1] and vim.fn.filereadable(words[1]) == 1 or words[1] and vim.fn.isdirectory(words[1]) == 1 then
    return vim.fn.fnamemodify(words[1], ':p'), vim.list_slice(words, 2)
  end
  return vim.api.nvim_buf_get_name(0), words
end

--- The log's failures as a quickfix list.
function M.failures(words)
  local file = target(words or {})
  M.execute('reprolens.failures', { vim.uri_from_fname(file) }, function(answer)
    local items = vim.tbl_map(function(failure)
      return { filename = file, lnum = failure.line, col = 1, type = 'E', text = failure.title .. ': ' .. failure.summary }
    end, answer.failures)
    vim.fn.setqflist({}, ' ', { title = 'CI failures', items = items })
    vim.cmd.copen()
  end)
end

local function on_file(command)
  return function(words)
    local file, rest = target(words)
    M.execute(command, vim.list_extend({ vim.uri_from_fname(file) }, rest))
  end
end

--- A command on one failure: the one that is named, else the one that the cursor is in.
local function on_failure(command)
  return function(words)
    local file, rest = target(words)
    local uri = vim.uri_from_fname(file)
    if rest[1] or vim.bo.filetype ~= 'log' or file ~= vim.api.nvim_buf_get_name(0) then
      M.execute(command, vim.list_extend({ uri }, rest))
      return
    end
    local cursor, here = vim.api.nvim_win_get_cursor(0)[1], nil
    M.execute('reprolens.failures', { uri }, function(answer)
      for _, failure in ipairs(answer.failures) do
        if failure.line <= cursor then here = failure.number end
      end
      M.execute(command, { uri, here })
    end)
  end
end

local commands = {
  generate = on_file('reprolens.generate'),
  verify = on_file('reprolens.verify'),
  run = on_file('reprolens.run'),
  minimize = on_file('reprolens.minimize'),
  env = on_failure('reprolens.showEnvironment'),
  open = on_failure('reprolens.openFailingLine'),
  failures = M.failures,
  cancel = function()
    M.execute('reprolens.cancel', {})
  end,
  rule = function(rest)
    M.execute('reprolens.showRule', rest)
  end,
  fix = function()
    vim.lsp.buf.code_action({ apply = true, context = { only = { 'source.fixAll.reprolens' }, diagnostics = {} } })
  end,
}

function M.names()
  local names = vim.tbl_keys(commands)
  table.sort(names)
  return names
end

function M.command(words)
  local run = commands[words[1]]
  if not run then
    vim.notify('reprolens: one of ' .. table.concat(M.names(), ', '), vim.log.levels.ERROR)
    return
  end
  run(vim.list_slice(words, 2))
end

return M
