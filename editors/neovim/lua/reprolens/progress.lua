-- Progress of the server's jobs, on the message line: Neovim shows none by itself.
local M = {}

--- One line, short enough not to ask for <Enter>.
local function echo(text)
  local room = math.max(vim.o.columns - 15, 20)
  if vim.fn.strdisplaywidth(text) > room then
    text = vim.fn.strcharpart(text, 0, room) .. '...'
  end
  vim.api.nvim_echo({ { text } }, false, {})
end

function M.show()
  local titles = {}
  vim.api.nvim_create_autocmd('LspProgress', {
    group = vim.api.nvim_create_augroup('reprolens_progress', {}),
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if not client or client.name ~= 'reprolens' then
        return
      end
      local token, value = event.data.params.token, event.data.params.value
      if value.kind == 'end' then
        titles[token] = nil
        echo('')
        return
      end
      titles[token] = value.title or titles[token] or 'reprolens'
      echo(titles[token] .. (type(value.message) == 'string' and ': ' .. value.message or '') .. '  (:Reprolens cancel)')
    end,
  })
end

return M
